-- ASSUMED: the product's own tables are not public. This is our guess at the part of the core schema that
-- reports read. Names follow what is known; a real schema is fitted in the .sql files under tasks/.
-- There are no foreign keys, as on the platform. DATETIME columns hold UTC.

CREATE TABLE accounts (
  id                       INT AUTO_INCREMENT PRIMARY KEY,
  name                     VARCHAR(255) NOT NULL,
  allow_outside_recipients BOOLEAN NOT NULL DEFAULT FALSE COMMENT 'links to reports may be mailed to people who are no users',
  require_report_approval  BOOLEAN NOT NULL DEFAULT FALSE COMMENT 'custom reports need a Data Control Admin',
  created_at               DATETIME NOT NULL
);

CREATE TABLE users (
  id            INT AUTO_INCREMENT PRIMARY KEY,
  account_id    INT NOT NULL,
  email         VARCHAR(254) NOT NULL,
  first_name    VARCHAR(100),
  last_name     VARCHAR(100),
  license_type  VARCHAR(20) NOT NULL DEFAULT 'standard',
  account_admin BOOLEAN NOT NULL DEFAULT FALSE COMMENT 'Dashboard Administrator',
  data_control_admin BOOLEAN NOT NULL DEFAULT FALSE COMMENT 'approves custom reports',
  removed_at    DATETIME,
  created_at    DATETIME NOT NULL,
  UNIQUE KEY (email),
  KEY (account_id)
);

CREATE TABLE npcases (
  id            INT AUTO_INCREMENT PRIMARY KEY,
  account_id    INT NOT NULL,
  name          VARCHAR(255) NOT NULL,
  case_type     VARCHAR(20) NOT NULL COMMENT 'review (Discovery) or trial_prep (Litigation)',
  status        VARCHAR(20) NOT NULL DEFAULT 'active' COMMENT 'active or archived',
  project_name  VARCHAR(255),
  client_number VARCHAR(50),
  matter_number VARCHAR(50),
  created_at    DATETIME NOT NULL,
  archived_at   DATETIME,
  KEY (account_id)
);

-- What a nightly job counts in each case; a case that it has not seen yet has no row.
CREATE TABLE npcase_statistics (
  npcase_id    INT PRIMARY KEY,
  active_bytes BIGINT NOT NULL,
  documents    INT NOT NULL,
  pages        BIGINT NOT NULL,
  collected_at DATETIME NOT NULL
);

-- Who may open which case.
CREATE TABLE npcase_users (
  id           INT AUTO_INCREMENT PRIMARY KEY,
  npcase_id    INT NOT NULL,
  user_id      INT NOT NULL,
  access_level VARCHAR(20) NOT NULL COMMENT 'view_only, reviewer, basic, standard or advanced',
  created_at   DATETIME NOT NULL,
  UNIQUE KEY (npcase_id, user_id),
  KEY (user_id)
);

CREATE TABLE user_activities (
  id          BIGINT AUTO_INCREMENT PRIMARY KEY,
  user_id     INT NOT NULL,
  npcase_id   INT,
  action      VARCHAR(50) NOT NULL,
  object_type VARCHAR(50),
  object_id   BIGINT,
  created_at  DATETIME NOT NULL,
  KEY (user_id, created_at),
  KEY (npcase_id, created_at)
);
