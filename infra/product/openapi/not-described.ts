const PAGE = 'a page for people';
const FILE = 'a file of a page, under a name of the page’s own';
const SESSION = 'the login of the console page: a cookie that its own requests alone may use; programs send a key';
const DOCUMENT = 'the description itself';

/**
 * The endpoints that openapi.json leaves out, by method and path, and why. Nothing under `/v1` may be among them: that
 * is the interface for programs.
 */
export const NOT_DESCRIBED: Readonly<Record<string, string>> = {
  'GET /console': PAGE,
  'GET /console/assets/:file': FILE,
  'POST /console/session': SESSION,
  'GET /console/session': SESSION,
  'DELETE /console/session': SESSION,
  'GET /drive': PAGE,
  'GET /drive/assets/:file': FILE,
  'GET /drive/worker.js': FILE,
  'GET /drive/manifest.webmanifest': FILE,
  'GET /track/:token': PAGE,
  'GET /track/assets/:file': FILE,
  'GET /docs': DOCUMENT,
  'GET /openapi.json': DOCUMENT,
};
