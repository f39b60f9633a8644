"""What a controller is, seen from Python: hand descriptions, configuration, control laws."""
