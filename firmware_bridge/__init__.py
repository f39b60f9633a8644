"""Servos: catalogue, bus, virtual servos, calibration and hardware-in-the-loop runs."""
