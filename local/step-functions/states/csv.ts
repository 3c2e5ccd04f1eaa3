/**
 * Parses delimited text as a Distributed Map does (documented), which is not RFC 4180: a doubled quotation mark stands
 * for one also outside quoted fields, a backslash escapes a backslash, a quotation mark or a delimiter, and is dropped
 * before any other character. Skips empty lines.
 */
export function parseCsv(text: string, delimiter: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let field = '';
  let begun = false;
  let quoted = false;
  const endField = () => {
    record.push(field);
    field = '';
    begun = false;
  };
  const endRecord = () => {
    if (begun || record.length > 0) {
      endField();
      records.push(record);
    }
    record = [];
  };
  for (let i = text.startsWith('\ufeff') ? 1 : 0; i < text.length; i++) {
    const [character, next] = [text[i]!, text[i + 1]];
    if (character === '\\') {
      if (next === '\\' || next === '"' || next === delimiter) {
        field += next;
        i++;
      }
      begun = true;
    } else if (character === '"' && begun && next === '"') {
      field += '"';
      i++;
    } else if (character === '"' && (quoted || !begun)) {
      quoted = !quoted;
      begun = true;
    } else if (quoted) field += character;
    else if (character === delimiter) endField();
    else if (character === '\n' || (character === '\r' && next === '\n')) {
      if (character === '\r') i++;
      endRecord();
    } else {
      field += character;
      begun = true;
    }
  }
  endRecord();
  return records;
}
