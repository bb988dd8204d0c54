import { defineConfig } from 'eslint/config'
import { jsdoc } from 'eslint-plugin-jsdoc'
import tseslint from 'typescript-eslint'

const SOURCES = ['packages/*/src/**/*.ts']
const TESTS = ['**/*.test.ts', '**/*.contract.ts', '**/*.test-d.ts', '**/*.bench.ts', 'e2e/**/*.ts']

/** Members of exported classes; those of a class that implements an interface are documented there. */
const MEMBERS = 'ExportNamedDeclaration > ClassDeclaration:not([implements.length>0]) > ClassBody'

const IS_PUBLIC = ':not([accessibility="private"], [key.type="PrivateIdentifier"])'

/** Functions that others call. */
const PUBLIC_FUNCTIONS = [
  'ExportNamedDeclaration > FunctionDeclaration',
  `${MEMBERS} > MethodDefinition[kind="method"]${IS_PUBLIC} > FunctionExpression`,
]

/** Everything else that is exported and has a name. */
const PUBLIC_DECLARATIONS = [
  'ExportNamedDeclaration > ClassDeclaration',
  'ExportNamedDeclaration > TSInterfaceDeclaration',
  'ExportNamedDeclaration > TSTypeAliasDeclaration',
  'ExportNamedDeclaration > VariableDeclaration',
  `${MEMBERS} > MethodDefinition[kind!="constructor"]${IS_PUBLIC}`,
  `${MEMBERS} > PropertyDefinition${IS_PUBLIC}`,
]

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
      'jsdoc/require-jsdoc': [
        'error',
        {
          publicOnly: { ancestorsOnly: true },
          require: { FunctionDeclaration: true, ClassDeclaration: false, MethodDefinition: false },
          contexts: PUBLIC_DECLARATIONS,
          checkConstructors: false,
        },
      ],
      'jsdoc/require-description': ['error', { contexts: [...PUBLIC_FUNCTIONS, ...PUBLIC_DECLARATIONS] }],
      'jsdoc/require-param': ['error', { contexts: PUBLIC_FUNCTIONS, checkDestructured: false }],
      'jsdoc/check-param-names': ['error', { checkDestructured: false }],
      'jsdoc/require-returns': ['error', { contexts: PUBLIC_FUNCTIONS }],
      'jsdoc/require-yields': 'off',
      'jsdoc/require-throws-type': 'error',
      'jsdoc/require-throws': ['error', { contexts: PUBLIC_FUNCTIONS }],
      'jsdoc/check-tag-names': ['error', { definedTags: ['experimental', 'defaultValue', 'typeParam'] }],
      'jsdoc/tag-lines': ['error', 'any', { startLines: 1 }],
    },
  },
  {
    // No package exports it: a sentence says what its name and types do not.
    files: ['packages/kit/src/**/*.ts'],
    ignores: TESTS,
    rules: {
      'jsdoc/require-param': 'off',
      'jsdoc/require-returns': 'off',
      'jsdoc/check-param-names': 'off',
    },
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
