"""The benchmark: tasks, the trials they are made of, and what runs, keeps and reports them."""
