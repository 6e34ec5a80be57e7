"""What was answered: the one door in, receipts, quarantine, sealing."""
