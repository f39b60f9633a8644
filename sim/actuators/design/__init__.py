"""Actuators from geometry: motor, gear, tendon, electronics and cost; their fronts; whole hands."""
