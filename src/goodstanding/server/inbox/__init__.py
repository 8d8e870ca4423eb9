"""Mail's door in: a listener for SMTP and LMTP, and a mailbox that is emptied by IMAP. Both hand bytes to `services.incoming`."""
