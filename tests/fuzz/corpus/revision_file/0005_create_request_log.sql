-- revision: 0005
-- revises: 0004
-- message: create request_log
-- Why: a write that is sent again under the same request id gets the same answer instead of happening twice. The row is
-- written in the transaction of the change. payload_hmac tells another payload under the same id.
-- Indexes: the primary key finds a request; request_log_by_expiry lets old rows be swept in small steps.
-- migrate:up
CREATE TABLE request_log (
  principal VARCHAR(512) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  method VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  request_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  payload_hmac BINARY(32) NOT NULL,
  resource_id BIGINT NOT NULL,
  row_version BIGINT UNSIGNED NOT NULL,
  expire_time TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (principal, method, request_id),
  KEY request_log_by_expiry (expire_time)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- migrate:down
DROP TABLE request_log;
