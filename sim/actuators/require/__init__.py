"""What the tasks of the benchmark ask of each joint of a hand, and of what moves it."""
