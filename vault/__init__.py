"""Everything durable: sealed copies, records, the journal, the audit trail."""
