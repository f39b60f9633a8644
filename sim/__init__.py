"""MuJoCo: scenes, native rollouts, tasks, benchmark and views."""
