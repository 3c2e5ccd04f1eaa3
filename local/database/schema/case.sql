-- ASSUMED: the product's own tables are not public. This is our guess at the part of a case's schema that
-- reports read. Names follow what is known; a real schema is fitted in the .sql files under tasks/.
-- There are no foreign keys, as on the platform. DATETIME columns hold UTC.

CREATE TABLE batches (
  id         INT AUTO_INCREMENT PRIMARY KEY,
  npcase_id  INT NOT NULL,
  name       VARCHAR(255) NOT NULL,
  created_at DATETIME NOT NULL
);

CREATE TABLE exhibits (
  id         INT AUTO_INCREMENT PRIMARY KEY,
  npcase_id  INT NOT NULL,
  title      VARCHAR(255),
  page_count INT,
  created_at DATETIME NOT NULL
);

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
  KEY (deposition_volume_id)
);

CREATE TABLE labels (
  id         INT AUTO_INCREMENT PRIMARY KEY,
  npcase_id  INT NOT NULL,
  name       VARCHAR(255) NOT NULL,
  label_type VARCHAR(20) NOT NULL COMMENT 'designation, objection or issue'
);

-- Clips: a passage of a volume under a label.
CREATE TABLE deposition_clips (
  id                   INT AUTO_INCREMENT PRIMARY KEY,
  npcase_id            INT NOT NULL,
  deposition_volume_id INT NOT NULL,
  label_id             INT NOT NULL,
  start_page           INT NOT NULL,
  start_line           INT NOT NULL,
  end_page             INT NOT NULL,
  end_line             INT NOT NULL,
  created_at           DATETIME NOT NULL,
  KEY (deposition_volume_id)
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
