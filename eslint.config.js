import { defineConfig } from 'eslint/config'
import jsdocPlugin, { jsdoc } from 'eslint-plugin-jsdoc'
import tseslint from 'typescript-eslint'
import { publicExports } from './tools/lint/public-exports.mjs'

const SOURCES = ['packages/*/src/**/*.ts']
const TESTS = [
  'packages/*/test/**/*.ts',
  '**/*.test.ts',
  '**/*.contract.ts',
  '**/*.test-d.ts',
  '**/*.bench.ts',
  'e2e/**/*.ts',
]

/** What users get, by the export lists of the packages. */
const PUBLIC = publicExports(import.meta.dirname)
const NAME = `/^(?:${PUBLIC.names.join('|')})$/`

/** Members of exported classes; those of a class that implements an interface are documented there. */
const MEMBERS = `ExportNamedDeclaration > ClassDeclaration[id.name=${NAME}]:not([implements.length>0]) > ClassBody`

const IS_PUBLIC = ':not([accessibility="private"], [key.type="PrivateIdentifier"])'

/** Functions that users call. */
const PUBLIC_FUNCTIONS = [
  `ExportNamedDeclaration > FunctionDeclaration[id.name=${NAME}]`,
  `${MEMBERS} > MethodDefinition[kind="method"]${IS_PUBLIC} > FunctionExpression`,
]

/** Everything else that they can name. */
const PUBLIC_DECLARATIONS = [
  `ExportNamedDeclaration > ClassDeclaration[id.name=${NAME}]`,
  `ExportNamedDeclaration > TSInterfaceDeclaration[id.name=${NAME}]`,
  `ExportNamedDeclaration > TSTypeAliasDeclaration[id.name=${NAME}]`,
  `ExportNamedDeclaration > VariableDeclaration:has(> VariableDeclarator[id.name=${NAME}])`,
  `${MEMBERS} > MethodDefinition[kind!="constructor"]${IS_PUBLIC}`,
  `${MEMBERS} > PropertyDefinition${IS_PUBLIC}`,
]

/** Words that say nothing beside a name. */
const USELESS_WORDS = ['a', 'an', 'the', 'of', 'in', 'its', 'their', 'our', 's', 'i']

export default defineConfig(
  {
    ignores: [
      '**/dist/**',
      '**/dist-test/**',
      '**/.cache/**',
      // AssemblyScript: it looks like TypeScript and has other types.
      'packages/*/kernels/*.ts',
      'test-results/**',
      'packages/testing/fixtures/**',
      'e2e/fixtures/**',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts', '**/*.mjs', '**/*.js'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        projectService: {
          allowDefaultProject: ['eslint.config.js', 'vite.config.ts'],
          defaultProject: 'tools/tsconfig.json',
        },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      'max-lines': ['error', 400],
      'max-lines-per-function': ['error', { max: 60 }],
      'max-params': ['error', 4],
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      // An abort rejects with the signal's own reason, whatever it is.
      '@typescript-eslint/prefer-promise-reject-errors': ['error', { allowThrowingUnknown: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
    },
  },
  {
    // Build scripts and consumers' JavaScript belong to no tsconfig, so nothing in them has a type.
    files: [
      'packages/*/*.mjs',
      'packages/*/bin/*.js',
      'packages/*/kernels/*.mjs',
      'e2e/fixtures/**/*.{js,mjs}',
      'examples/*/service-worker.js',
    ],
    extends: [tseslint.configs.disableTypeChecked],
  },
  {
    files: SOURCES,
    ignores: TESTS,
    extends: [jsdoc({ config: 'flat/recommended-typescript-error' })],
    rules: {
      'no-console': 'error',
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
        { selector: 'TSEnumDeclaration', message: 'Use a union of strings.' },
        { selector: 'TSModuleDeclaration', message: 'Use a module.' },
      ],
      // What only we read has a sentence of why where there is one.
      'jsdoc/require-jsdoc': 'off',
      'jsdoc/require-param': 'off',
      'jsdoc/require-returns': 'off',
      // It wants every parameter in its place, said or not; what must be said `require-param` finds by its name.
      'jsdoc/check-param-names': 'off',
      'jsdoc/require-yields': 'off',
      'jsdoc/require-throws-type': 'error',
      'jsdoc/check-tag-names': ['error', { definedTags: ['experimental', 'defaultValue', 'typeParam'] }],
      'jsdoc/tag-lines': ['error', 'any', { startLines: 1 }],
    },
  },
  {
    files: PUBLIC.files,
    rules: {
      'jsdoc/require-jsdoc': [
        'error',
        {
          publicOnly: { ancestorsOnly: true },
          require: { FunctionDeclaration: false, ClassDeclaration: false, MethodDefinition: false },
          contexts: [PUBLIC_FUNCTIONS[0], ...PUBLIC_DECLARATIONS],
          checkConstructors: false,
        },
      ],
      'jsdoc/require-description': ['error', { contexts: [...PUBLIC_FUNCTIONS, ...PUBLIC_DECLARATIONS] }],
      'jsdoc/require-param': ['error', { contexts: PUBLIC_FUNCTIONS, checkDestructured: false }],
      'jsdoc/require-returns': ['error', { contexts: PUBLIC_FUNCTIONS }],
      'jsdoc/require-throws': ['error', { contexts: PUBLIC_FUNCTIONS }],
    },
  },
  {
    // A comment that says no more than the name beside it.
    files: ['**/*.ts', '**/*.mjs', '**/*.js'],
    plugins: { jsdoc: jsdocPlugin },
    rules: { 'jsdoc/informative-docs': ['error', { uselessWords: USELESS_WORDS }] },
  },
  {
    files: TESTS,
    rules: {
      'max-lines': ['error', 500],
      'max-lines-per-function': 'off',
      // `expect(object.method)` and fakes that only have to be awaitable are the point of a test.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
)
