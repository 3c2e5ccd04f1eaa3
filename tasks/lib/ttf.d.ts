// The bundler puts a font beside the code and gives its path from there.
declare module '*.ttf' {
  const path: string;
  export default path;
}
