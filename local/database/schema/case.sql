-- ASSUMED: the product's own tables are not public. This is our guess at the part of a case's schema that
-- reports read. Names follow what is known; a real schema is fitted in the .sql files under tasks/.
-- There are no foreign keys, as on the platform. DATETIME columns hold UTC.

CREATE TABLE batches (
  id         INT AUTO_INCREMENT PRIMARY KEY,
  npcase_id  INT NOT NULL,
  name       VARCHAR(255) NOT NULL,
  created_at DATETIME NOT NULL
);

-- Documents. Attachments point at the head of their family, also those of an attachment.
CREATE TABLE exhibits (
  id                   INT AUTO_INCREMENT PRIMARY KEY,
  npcase_id            INT NOT NULL,
  parent_id            INT,
  title                VARCHAR(255),
  bates_start          VARCHAR(100),
  bates_end            VARCHAR(100),
  document_date        DATE,
  document_type        VARCHAR(50),
  author               VARCHAR(255),
  file_name            VARCHAR(255) COMMENT 'as it was collected',
  file_path            TEXT COMMENT 'where it was collected',
  sent_at              DATETIME COMMENT 'of an email',
  received_at          DATETIME COMMENT 'of an email',
  page_count           INT,
  relevancy_status     VARCHAR(50),
  privilege_status     VARCHAR(50),
  confidentiality_code VARCHAR(50),
  withheld             BOOLEAN NOT NULL DEFAULT FALSE,
  notes                TEXT COMMENT 'HTML',
  trashed_at           DATETIME,
  created_at           DATETIME NOT NULL,
  KEY (parent_id),
  KEY (bates_start)
);

-- Fields of a document that take several values, in order.
CREATE TABLE exhibit_values (
  id         INT AUTO_INCREMENT PRIMARY KEY,
  npcase_id  INT NOT NULL,
  exhibit_id INT NOT NULL,
  field      VARCHAR(30) NOT NULL COMMENT 'recipient, cc, bcc, custodian, privilege_code, redaction_reason or issue',
  position   INT NOT NULL DEFAULT 1,
  value      TEXT NOT NULL,
  KEY (exhibit_id)
);

-- Tags, and the values of custom fields, which are tags of a field. A document may have several values of one field.
CREATE TABLE custom_fields (
  id         INT AUTO_INCREMENT PRIMARY KEY,
  npcase_id  INT NOT NULL,
  title      VARCHAR(255) NOT NULL,
  input_type VARCHAR(50) NOT NULL DEFAULT 'text'
);

CREATE TABLE tags (
  id              INT AUTO_INCREMENT PRIMARY KEY,
  npcase_id       INT NOT NULL,
  custom_field_id INT COMMENT 'NULL for a plain tag',
  name            MEDIUMTEXT NOT NULL,
  KEY (custom_field_id),
  KEY (name(50))
);

CREATE TABLE taggings (
  id         INT AUTO_INCREMENT PRIMARY KEY,
  npcase_id  INT NOT NULL,
  tag_id     INT NOT NULL,
  exhibit_id INT NOT NULL,
  user_id    INT COMMENT 'of case_users',
  KEY (exhibit_id),
  KEY (tag_id)
);

CREATE TABLE folders (
  id        INT AUTO_INCREMENT PRIMARY KEY,
  npcase_id INT NOT NULL,
  name      VARCHAR(255) NOT NULL
);

CREATE TABLE folder_exhibits (
  id         INT AUTO_INCREMENT PRIMARY KEY,
  npcase_id  INT NOT NULL,
  folder_id  INT NOT NULL,
  exhibit_id INT NOT NULL,
  UNIQUE KEY (folder_id, exhibit_id),
  KEY (exhibit_id)
);

-- Every change of a document's review status; what the status is now stands in exhibits.
CREATE TABLE privilege_logs (
  id             INT AUTO_INCREMENT PRIMARY KEY,
  npcase_id      INT NOT NULL,
  exhibit_id     INT NOT NULL,
  previous_value VARCHAR(50),
  new_value      VARCHAR(50),
  notes          TEXT,
  user_id        INT COMMENT 'of case_users',
  change_source  VARCHAR(20) NOT NULL DEFAULT 'single' COMMENT 'single, bulk, overlay, import or system',
  created_at     DATETIME NOT NULL,
  KEY (exhibit_id)
);
CREATE TABLE relevancy_logs LIKE privilege_logs;
CREATE TABLE confidentiality_logs LIKE privilege_logs;

-- Deponents: one row a person.
CREATE TABLE depositions (
  id              INT AUTO_INCREMENT PRIMARY KEY,
  npcase_id       INT NOT NULL,
  last_name       VARCHAR(100),
  first_name      VARCHAR(100),
  middle_initial  VARCHAR(20),
  name_suffix     VARCHAR(20),
  deposition_type VARCHAR(50) NOT NULL DEFAULT 'General',
  created_at      DATETIME NOT NULL
);

-- Transcripts: a deponent's volumes, and court proceedings, which have no deponent.
CREATE TABLE deposition_volumes (
  id                INT AUTO_INCREMENT PRIMARY KEY,
  npcase_id         INT NOT NULL,
  deposition_id     INT,
  batch_id          INT,
  transcript_type   VARCHAR(20) NOT NULL DEFAULT 'deposition' COMMENT 'deposition or proceeding',
  title             VARCHAR(255),
  description       TEXT,
  volume            VARCHAR(20) COMMENT 'text: there is a 2A',
  volume_date       DATE,
  start_page        INT,
  end_page          INT,
  page_count        INT,
  original_filename VARCHAR(255),
  file_format       VARCHAR(20),
  created_at        DATETIME NOT NULL,
  KEY (deposition_id)
);

-- A volume's video files, in order; synced_at says when the text was aligned with the video.
CREATE TABLE deposition_video_offsets (
  id                   INT AUTO_INCREMENT PRIMARY KEY,
  npcase_id            INT NOT NULL,
  deposition_volume_id INT NOT NULL,
  video_filename       VARCHAR(255) NOT NULL,
  position             INT NOT NULL DEFAULT 1,
  runtime_seconds      INT,
  synced_at            DATETIME,
  KEY (deposition_volume_id)
);

-- Exhibits linked to a volume.
CREATE TABLE deposition_volume_exhibits (
  id                   INT AUTO_INCREMENT PRIMARY KEY,
  npcase_id            INT NOT NULL,
  deposition_volume_id INT NOT NULL,
  exhibit_id           INT NOT NULL,
  page                 INT COMMENT 'of the file, where the exhibit is introduced, if that is known',
  line                 INT,
  KEY (deposition_volume_id)
);

CREATE TABLE labels (
  id         INT AUTO_INCREMENT PRIMARY KEY,
  npcase_id  INT NOT NULL,
  name       VARCHAR(255) NOT NULL,
  label_type VARCHAR(20) NOT NULL COMMENT 'designation, objection or issue',
  parent_id  INT COMMENT 'of an issue within an issue'
);

-- Clips: a passage of a volume, mostly under a label. Pages are those of the file, from 1 on; the volume's start_page
-- says which number the first of them bears.
CREATE TABLE deposition_clips (
  id                   INT AUTO_INCREMENT PRIMARY KEY,
  npcase_id            INT NOT NULL,
  deposition_volume_id INT NOT NULL,
  label_id             INT,
  start_page           INT NOT NULL,
  start_line           INT NOT NULL,
  end_page             INT NOT NULL,
  end_line             INT NOT NULL,
  objection_reason     VARCHAR(255),
  notes                TEXT,
  created_by           INT COMMENT 'user_id of case_users',
  created_at           DATETIME NOT NULL,
  updated_at           DATETIME,
  KEY (deposition_volume_id)
);

-- The text of a volume, by page of the file.
CREATE TABLE deposition_lines (
  id                   INT AUTO_INCREMENT PRIMARY KEY,
  npcase_id            INT NOT NULL,
  deposition_volume_id INT NOT NULL,
  page                 INT NOT NULL,
  line                 INT NOT NULL,
  content              TEXT NOT NULL,
  video_seconds        DECIMAL(8, 3) COMMENT 'how long the line takes in the synced video; NULL without one',
  UNIQUE KEY (deposition_volume_id, page, line)
);

-- Who worked in the case, by name and address as last known: they stay when the user is removed.
CREATE TABLE case_users (
  id        INT AUTO_INCREMENT PRIMARY KEY,
  npcase_id INT NOT NULL,
  user_id   INT NOT NULL,
  name      VARCHAR(200) NOT NULL,
  email     VARCHAR(254) NOT NULL,
  UNIQUE KEY (user_id)
);

-- Custom Transcript Fields, as Settings > Transcripts lists them, and their values.
CREATE TABLE transcript_fields (
  id        INT AUTO_INCREMENT PRIMARY KEY,
  npcase_id INT NOT NULL,
  title     VARCHAR(255) NOT NULL,
  position  INT NOT NULL
);

CREATE TABLE transcript_field_values (
  id                   INT AUTO_INCREMENT PRIMARY KEY,
  npcase_id            INT NOT NULL,
  deposition_volume_id INT NOT NULL,
  transcript_field_id  INT NOT NULL,
  value                TEXT,
  UNIQUE KEY (deposition_volume_id, transcript_field_id)
);

-- What users did in the case. Logins, and who opened the case when, stand in the core schema.
CREATE TABLE activities (
  id          BIGINT AUTO_INCREMENT PRIMARY KEY,
  npcase_id   INT NOT NULL,
  user_id     INT NOT NULL,
  action      VARCHAR(50) NOT NULL COMMENT 'document_view, document_review, search, export or download',
  object_type VARCHAR(50) COMMENT 'document or transcript',
  object_id   BIGINT,
  details     TEXT,
  created_at  DATETIME NOT NULL,
  KEY (created_at),
  KEY (user_id, created_at)
);

-- Start/Stop timers of reviewers, editable by them; stopped_at is NULL while one runs, also for days.
CREATE TABLE review_timers (
  id         INT AUTO_INCREMENT PRIMARY KEY,
  npcase_id  INT NOT NULL,
  user_id    INT NOT NULL,
  started_at DATETIME NOT NULL,
  stopped_at DATETIME,
  KEY (started_at)
);

-- Fields that nobody may change, by system name; custom_field:12 is the custom field of id 12.
CREATE TABLE field_locks (
  id         INT AUTO_INCREMENT PRIMARY KEY,
  npcase_id  INT NOT NULL,
  field      VARCHAR(50) NOT NULL,
  user_id    INT NOT NULL,
  created_at DATETIME NOT NULL,
  UNIQUE KEY (field)
);

-- The trail of changes. An overlay writes one row a document, in the transaction of the change.
CREATE TABLE model_audits (
  id              BIGINT AUTO_INCREMENT PRIMARY KEY,
  npcase_id       INT NOT NULL,
  auditable_type  VARCHAR(50) NOT NULL,
  auditable_id    INT NOT NULL,
  action          VARCHAR(20) NOT NULL,
  user_id         INT COMMENT 'of the core schema',
  job_id          VARCHAR(58) CHARACTER SET ascii COLLATE ascii_bin COMMENT 'of the overlay',
  chunk           INT COMMENT 'of the overlay',
  audited_changes LONGTEXT NOT NULL COMMENT 'JSON: old and new value by field',
  created_at      DATETIME NOT NULL,
  KEY (auditable_id),
  UNIQUE KEY (job_id, auditable_id)
);

-- Documents that wait to be indexed again; the indexer claims them.
CREATE TABLE elasticsearch_index_requests (
  id          BIGINT AUTO_INCREMENT PRIMARY KEY,
  npcase_id   INT NOT NULL,
  record_type VARCHAR(50) NOT NULL,
  record_id   INT NOT NULL,
  claimed_at  DATETIME,
  created_at  DATETIME NOT NULL
);

-- The turn of overlays: one row a case, so that one overlay writes at a time. Of ours, not the product's.
CREATE TABLE overlay_turns (
  npcase_id       INT PRIMARY KEY,
  job_id          VARCHAR(58) CHARACTER SET ascii COLLATE ascii_bin COMMENT 'of the overlay whose turn it is',
  load_file       VARCHAR(1000) COMMENT 'its name, for the one that is refused',
  fencing_number  BIGINT NOT NULL DEFAULT 0,
  taken_at        DATETIME
);

-- Overlays that a restore has taken back, so that a redrive writes nothing of them. Of ours, not the product's.
CREATE TABLE restored_overlays (
  job_id      VARCHAR(58) CHARACTER SET ascii COLLATE ascii_bin PRIMARY KEY,
  npcase_id   INT NOT NULL,
  restored_by VARCHAR(58) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  created_at  DATETIME NOT NULL
);
