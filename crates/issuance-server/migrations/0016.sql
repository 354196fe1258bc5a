-- What has to be renewed: a county's certificates that end within a span, read in that order and no others.
CREATE INDEX certificate_ending ON certificate (county, expires) WHERE signed = 1 AND standing <> 'revoked';
