-- Views, triggers, routines and events.
CREATE TABLE object_base (id int PRIMARY KEY, a varchar(20));
CREATE VIEW seen AS SELECT id, a AS `odd name` FROM object_base WHERE a <> 'it''s';
CREATE TRIGGER trimmed BEFORE INSERT ON object_base FOR EACH ROW SET NEW.a = trim(NEW.a);
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM object_base WHERE id < 0;
CREATE PROCEDURE twice(IN n int) SELECT n * 2;
CREATE FUNCTION one() RETURNS int DETERMINISTIC NO SQL RETURN 1;
