"""What is due, to whom, by which article; met only by evidence."""
