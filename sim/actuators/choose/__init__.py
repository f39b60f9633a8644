"""Which actuators of catalogues suit the joints of a hand, and what limits the others."""
