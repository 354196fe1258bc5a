-- When a program last used its token, so that a forgotten one is seen.
ALTER TABLE api_client ADD COLUMN used_at INTEGER;
