import { type Config, nameOf } from './config.ts';

/** The owner of a file: in its key, `cases/1001` or `accounts/7`. */
export type Owner = 'cases' | 'accounts';

/**
 * ARNs made from names, for machines that refer to each other before they exist, and for executions and files, which are not
 * resources of a template. In a template, the account is a token.
 */
export class Arns {
  readonly #config: Config;
  readonly #account: string;

  constructor(config: Config, account: string) {
    this.#config = config;
    this.#account = account;
  }

  /** The name of the bucket. It is fixed, because Rails signs downloads, and has account and region, because bucket names are global. */
  get bucketName(): string {
    return `${nameOf(this.#config)}-${this.#account}-${this.#config.region}`;
  }

  get bucket(): string {
    return `arn:aws:s3:::${this.bucketName}`;
  }

  /** The files of the exports of any case or any account, or one of each. */
  exports(owner: Owner, file?: string): string {
    return `${this.#files(owner)}/exports/*${file ? `/${file}` : ''}`;
  }

  /** The parameters that Rails stored for requests on any case or any account, or what the service keeps of them. */
  requests(owner: Owner, files = '*'): string {
    return `${this.#files(owner)}/requests/${files}`;
  }

  /** The parts of any report across cases, or one kind of file among them. */
  parts(file = '*'): string {
    return `${this.bucket}/${this.#config.environment}/tmp/*/${file}`;
  }

  /** The hits of any search, as the backend and Glue leave them, and the results of Athena. */
  get searchHits(): string {
    return this.parts().replace('/*/*', '/search_hit-*');
  }

  /** The hits of any search in testimony, as the backend leaves them. */
  get testimonyHits(): string {
    return this.parts().replace('/*/*', '/deposition_search_pdf-*');
  }

  get searchResults(): string {
    return this.parts().replace('/*/*', '/search-results/*');
  }

  /** The platform's own function that searches. */
  get searchBackend(): string {
    return this.of('lambda', `function:${this.#config.search.backendFunction}`);
  }

  /** The platform's own Glue job. */
  get searchConversionJob(): string {
    return this.of('glue', `job/${this.#config.search.conversionJob}`);
  }

  /** A file of the service itself. */
  service(file: string): string {
    return `${this.bucket}/${this.#config.environment}/service/${file}`;
  }

  /** A machine; of an empty name, the prefix of all. */
  machine(name: string): string {
    return this.of('states', `stateMachine:${nameOf(this.#config, name)}`);
  }

  /** An execution, as `<machine>:<name>`; of an empty name, the prefix of all. */
  execution(name: string): string {
    return this.of('states', `execution:${nameOf(this.#config, name)}`);
  }

  /** Anything else of the region and account. */
  of(service: string, resource: string): string {
    return `arn:aws:${service}:${this.#config.region}:${this.#account}:${resource}`;
  }

  #files(owner: Owner): string {
    return `${this.bucket}/${this.#config.environment}/${owner}/*`;
  }
}
