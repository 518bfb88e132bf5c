"""What the command line does. ``bingjian.cli`` says what there is; a module here is imported when asked for."""
