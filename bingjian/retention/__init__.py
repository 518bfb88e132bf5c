"""Terms in force, marks, holds, pauses by order, and the one removal job."""
