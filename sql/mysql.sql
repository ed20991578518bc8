-- The tables of checkpass in MySQL (8.0.13 and later) or MariaDB (10.4 and later): those of
-- dovecot_web_auth and of its Roundcube plug-in, the twin of sql/sqlite.sql. Times are UTC where
-- nothing else is said.
--
-- For a new site:
--
--   mysql -e "CREATE DATABASE checkpass CHARACTER SET utf8mb4"
--   mysql checkpass < mysql.sql
--
-- and then two users, each with no more than it needs. (With deleted, the webmail can revoke a
-- password and keep its row, so that its use is told from a wrong password.) For a cached on another
-- machine, checkpass@'mail1.example.com' in place of checkpass@localhost, once for each.
--
--   CREATE USER checkpass@localhost IDENTIFIED BY '...';
--   GRANT SELECT ON checkpass.app_passwords TO checkpass@localhost;
--   GRANT SELECT, INSERT ON checkpass.log TO checkpass@localhost;
--
--   CREATE USER roundcube@'webmail.example.com' IDENTIFIED BY '...';
--   GRANT SELECT, INSERT, UPDATE (comment, deleted), DELETE ON checkpass.app_passwords
--     TO roundcube@'webmail.example.com';
--   GRANT SELECT ON checkpass.log TO roundcube@'webmail.example.com';
--   GRANT SELECT, SHOW VIEW ON checkpass.app_passwords_with_log TO roundcube@'webmail.example.com';
--
-- Optional, for `cachedctl password add` and `revoke`:
--
--   GRANT INSERT, UPDATE (deleted) ON checkpass.app_passwords TO checkpass@localhost;
--
-- Optional, for [audit] connection_log; DELETE is for connection_log_days:
--
--   GRANT SELECT, INSERT, UPDATE, DELETE ON checkpass.connection_log TO checkpass@localhost;
--
-- A site that has the tables of dovecot_web_auth already can keep them as they are; only a column
-- that is missing is added (ALTER TABLE app_passwords ADD deleted DATETIME NULL). Without our columns
-- in log, uses that were refused are not written there, since nothing would tell them from the
-- others. To have them, and a view that is not slow when a password has many rows in log, in this
-- order (nothing of it stops logins; the index takes minutes for ten million rows):
--
--   ALTER TABLE log ADD result VARCHAR(8) NOT NULL DEFAULT 'permit', ADD reason VARCHAR(255),
--     ADD rule VARCHAR(255), ADD host VARCHAR(255), ADD session VARCHAR(255);
--   CREATE INDEX log_last_use ON log (pwid, result, timestamp);
--   then the two views from the end of this file (CREATE OR REPLACE).
--
-- cached sees the columns when it next connects: restart it.
--
-- A site that has a connection_log already gives it our columns with (some minutes for ten million
-- rows; whatever else writes to it may go on doing so)
--
--   ALTER TABLE connection_log ADD host VARCHAR(64), ADD session VARCHAR(255), ADD pwid BIGINT,
--     ADD rule VARCHAR(255), ADD reason VARCHAR(255), ADD first DATETIME(3), ADD last DATETIME(3),
--     ADD count INT UNSIGNED NOT NULL DEFAULT 1, ADD number BIGINT,
--     ADD UNIQUE KEY connection_log_number (host, number),
--     ADD KEY connection_log_datetime (datetime);
--
-- Without them cached writes nothing there, and its log says so.

CREATE TABLE IF NOT EXISTS app_passwords (
  id       BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  uid      VARCHAR(256) NOT NULL,     -- the collation says whether case matters
  password VARCHAR(256) NOT NULL,     -- a hash: $argon2id$..., {CRYPT}$6$..., {SCHEME}...
  created  DATETIME NOT NULL DEFAULT (utc_timestamp()),
  comment  TEXT,
  deleted  DATETIME NULL,             -- when it was revoked; NULL: it is valid
  UNIQUE KEY app_passwords_unique (uid, password),
  KEY app_passwords_uid (uid)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4;

-- One row for each use of an app password, also of one that was refused. What is behind timestamp is
-- not in the predecessor's table.
CREATE TABLE IF NOT EXISTS log (
  id        BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  pwid      BIGINT NOT NULL,
  service   VARCHAR(255),
  src_ip    TEXT,
  src_rdns  TEXT,                     -- <>: the address has no name
  src_loc   TEXT,
  src_isp   TEXT,
  timestamp DATETIME(3) NOT NULL DEFAULT (utc_timestamp(3)),
  result    VARCHAR(8) NOT NULL DEFAULT 'permit',  -- or deny, later
  reason    VARCHAR(255),             -- of a refusal
  rule      VARCHAR(255),             -- FILE:LINE of the list that refused it
  host      VARCHAR(255),             -- whose cached it was
  session   VARCHAR(255),             -- as Dovecot's own log has it
  KEY log_last_use (pwid, result, timestamp),  -- the newest that was let in is one step away
  CONSTRAINT log_pwid FOREIGN KEY (pwid) REFERENCES app_passwords (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4;

-- Attempts to log in, whatever became of them ([audit] connection_log): equal ones within a minute are
-- one row. A login that was let in has auth_ok = 1 and policy_reject = 0, and no other row has. What
-- is behind policy_reject is not in the predecessor's table.
CREATE TABLE IF NOT EXISTS connection_log (
  id            INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  datetime      DATETIME DEFAULT CURRENT_TIMESTAMP,  -- of the first, in the server's time zone
  protocol      VARCHAR(10),
  username      VARCHAR(80),          -- NULL: of many; there were too many rows
  remote_ip     VARCHAR(40),          -- NULL: of many, or not known
  country       VARCHAR(4),           -- ISO 3166, by MaxMind
  auth_ok       TINYINT(1) UNSIGNED NULL,  -- 1: the password was right, 0: wrong, NULL: not judged
  policy_reject TINYINT(1) UNSIGNED NULL,  -- 1: refused by a rule, 0: not, NULL: not judged
  host          VARCHAR(64),          -- whose cached it was
  session       VARCHAR(255),         -- of the first, as Dovecot's own log has it
  pwid          BIGINT,               -- the app password that was used; its row may have gone since
  rule          VARCHAR(255),         -- FILE:LINE of the list that refused it
  reason        VARCHAR(255),         -- of a refusal, or why it could not be judged
  first         DATETIME(3),          -- UTC, as in log
  last          DATETIME(3),          -- UTC
  count         INT UNSIGNED NOT NULL DEFAULT 1,
  number        BIGINT,               -- given by that cached; no row is there twice
  UNIQUE KEY connection_log_number (host, number),
  KEY connection_log_datetime (datetime)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4;

-- Each password with its newest use that was let in, for a page that shows a user what is in use. By
-- time, not by id: in a Galera cluster the ids of two nodes are not in the order of time.
CREATE OR REPLACE VIEW app_passwords_with_log AS
SELECT p.id, p.uid, p.password, p.created, p.comment, p.deleted,
       l.timestamp AS last_used_timestamp,
       l.src_ip    AS last_used_src_ip,
       l.src_rdns  AS last_used_src_rdns,
       l.src_loc   AS last_used_src_loc,
       l.src_isp   AS last_used_src_isp
FROM app_passwords p
LEFT JOIN log l ON l.id = (
  SELECT id FROM log WHERE pwid = p.id AND result = 'permit'
  ORDER BY pwid DESC, result DESC, timestamp DESC, id DESC LIMIT 1);

-- All uses, those that were refused among them, with whose password it was.
CREATE OR REPLACE VIEW app_password_uses AS
SELECT l.timestamp, p.uid, p.id AS pwid, p.comment, l.result, l.reason, l.rule, l.service, l.src_ip,
       l.src_rdns, l.src_loc, l.src_isp, l.host, l.session
FROM log l JOIN app_passwords p ON p.id = l.pwid;
