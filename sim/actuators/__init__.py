"""The actuator workbench: from what a hand must do to which actuators it needs."""
