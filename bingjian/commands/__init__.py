"""What the command line does. ``bingjian.cli`` says what there is; its parts are imported when asked for."""
