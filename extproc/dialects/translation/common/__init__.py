"""What the dialects' readers and writers share: nothing here knows a dialect's form."""
