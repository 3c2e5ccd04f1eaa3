// Once, before any test: two tests that both find MariaDB missing would fight over apt.
export { ensureInstalled as default } from '../../local/database/server.ts';
