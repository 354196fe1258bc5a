-- Found without reading everything: a county's cases and certificates, be they few among a million, and whether an
-- administrator was recovered at the machine, which each start looks for.
CREATE INDEX application_by_home ON application (home);
CREATE INDEX application_by_desk ON application (desk);
CREATE INDEX certificate_by_county ON certificate (county);
CREATE INDEX audit_of_recoveries ON audit (number) WHERE deed = 'administrator_recovered';
