-- A desk counts the cards of its day without reading those of ten years.

CREATE INDEX card_job_issued ON card_job (issued_at) WHERE issued_at IS NOT NULL;
