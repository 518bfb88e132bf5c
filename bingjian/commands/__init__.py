"""What the command line does. ``bingjian.cli`` says what there is; each module here is imported when it is asked for."""
