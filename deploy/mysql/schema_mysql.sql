-- MySQL's part of the schema user's rights: to switch off generated primary keys for its session (on by default on
-- Azure), to read routines' bodies, and to follow the progress of a long ALTER.
GRANT SESSION_VARIABLES_ADMIN, SHOW_ROUTINE ON *.* TO 'bonnie_schema'@'%';
-- Of performance_schema these tables only: others keep statements of the records service with their values
-- (events_statements_summary_by_digest.QUERY_SAMPLE_TEXT). Earlier releases granted the whole schema.
REVOKE IF EXISTS SELECT ON performance_schema.* FROM 'bonnie_schema'@'%';
GRANT SELECT ON performance_schema.metadata_locks TO 'bonnie_schema'@'%';
GRANT SELECT ON performance_schema.threads TO 'bonnie_schema'@'%';
GRANT SELECT ON performance_schema.events_stages_current TO 'bonnie_schema'@'%';
-- The scratch user builds the same tables, so it wants the same session.
GRANT SESSION_VARIABLES_ADMIN ON *.* TO 'bonnie_scratch'@'%';
