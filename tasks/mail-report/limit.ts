/** Bytes. Larger files go as a link: many firms refuse mails over 10 MB, and base64 adds a third. */
export const largestAttachment = 7_000_000;

/** Logged for each recipient that SES refuses; an alarm counts it. */
export const refusedMail = 'SES refused a recipient';
