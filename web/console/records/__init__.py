"""The records officer's pages: requests for access, retention, holds, disposal, inspectors' access."""
