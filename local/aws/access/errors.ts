/** An error response of a service, independent of the protocol. */
export class ServiceError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
  }
}

/** The wire protocols of the services. */
export type Protocol = 'json' | 'query' | 'rest-json' | 'rest-xml';

/** An HTTP response. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Encodes an error in the protocol. */
export function encodeError(protocol: Protocol, { status, code, message }: ServiceError): Answer {
  const text = message.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const fields = `<Code>${code}</Code><Message>${text}</Message>`;
  switch (protocol) {
    case 'json':
      return json(status, { __type: code, message });
    case 'rest-json':
      return json(status, { message }, { 'x-amzn-errortype': code });
    case 'query':
      return xml(status, `<ErrorResponse><Error><Type>Sender</Type>${fields}</Error></ErrorResponse>`);
    case 'rest-xml':
      return xml(status, `<Error>${fields}</Error>`);
  }
}

/** A JSON response. */
export function json(status: number, content: unknown, headers: Record<string, string> = {}): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(content),
  };
}

function xml(status: number, content: string): Answer {
  return {
    status,
    headers: { 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?>${content}`,
  };
}
