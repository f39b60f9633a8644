"""What limits a hand's actuators: one thing doubled at a time, and what that buys."""
