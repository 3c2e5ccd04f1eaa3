declare module 'asl-validator' {
  export default function validate(definition: object, options: { checkArn: boolean }): { errors: object[] };
}
