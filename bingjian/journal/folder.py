"""What lies in the journal's directory."""

RECORDS = "records.jsonl"  # every entry, in order; all else follows from it
INDEX = "records.index"  # where every 256th of them begins
CHECKPOINT = "checkpoint"  # the log's signed head
PRIVATE_KEY = "log.key"  # what signs it, made at the first start
PUBLIC_KEY = "log.vkey"  # what strangers check it with
OLD_JOURNAL = "journal.jsonl"  # as versions before the log wrote it
