-- Papers that are scanned are a feature of a region, like cards and QR codes.
CREATE TABLE pilot_wider (
  feature     TEXT    NOT NULL CHECK (feature IN ('qr_code', 'smart_card', 'documents')),
  -- 0 is everywhere; else a region's code of 2, 4 or 6 digits.
  region      INTEGER NOT NULL,
  is_on       INTEGER NOT NULL CHECK (is_on IN (0, 1)),
  changed_by  INTEGER NOT NULL REFERENCES officer (id),
  changed_at  INTEGER NOT NULL,
  PRIMARY KEY (feature, region)
) STRICT, WITHOUT ROWID;
INSERT INTO pilot_wider SELECT feature, region, is_on, changed_by, changed_at FROM pilot;
DROP TABLE pilot;
ALTER TABLE pilot_wider RENAME TO pilot;
