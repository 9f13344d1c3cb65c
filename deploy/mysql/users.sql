-- The three database users of one site. Run by the database's administrator; both flavours.
-- Each is created without any right and locked until a password is set: `ALTER USER … IDENTIFIED BY … ACCOUNT UNLOCK`.
CREATE USER IF NOT EXISTS 'bonnie_records'@'%' REQUIRE SSL ACCOUNT LOCK;
CREATE USER IF NOT EXISTS 'bonnie_schema'@'%' REQUIRE SSL ACCOUNT LOCK;
CREATE USER IF NOT EXISTS 'bonnie_scratch'@'%' REQUIRE SSL ACCOUNT LOCK;
