-- MySQL's part of the schema user's rights: to switch off generated primary keys for its session (on by default on
-- Azure), to read routines' bodies, and to follow the progress of a long ALTER.
GRANT SESSION_VARIABLES_ADMIN, SHOW_ROUTINE ON *.* TO 'bonnie_schema'@'%';
GRANT SELECT ON performance_schema.* TO 'bonnie_schema'@'%';
-- The scratch user builds the same tables, so it wants the same session.
GRANT SESSION_VARIABLES_ADMIN ON *.* TO 'bonnie_scratch'@'%';
