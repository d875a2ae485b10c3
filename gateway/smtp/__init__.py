"""The SMTP and LMTP dialogue: aiosmtpd's protocol class, mended where 1.4.6 is unsafe, slow or unbounded."""
