/** Bytes. Larger files go as a link: many firms refuse mails over 10 MB, and base64 adds a third. */
export const largestAttachment = 7_000_000;
