/** Classes of transformers 5 that build a tokenizer anew from the vocabulary of tokenizer.json, each in its own way. */
export type TokenizerClass =
  'albert' | 'bert' | 'camembert' | 'gemma' | 'gpt2' | 'mpnet' | 'qwen2' | 'roberta' | 't5' | 'xlm-roberta'

/** By `tokenizer_class`, without `Fast`. All others take tokenizer.json as it is. */
const BY_NAME: ReadonlyMap<string, TokenizerClass> = new Map([
  ['AlbertTokenizer', 'albert'],
  ['BartTokenizer', 'roberta'],
  ['BertTokenizer', 'bert'],
  ['CamembertTokenizer', 'camembert'],
  ['DistilBertTokenizer', 'bert'],
  ['ElectraTokenizer', 'bert'],
  ['GPT2Tokenizer', 'gpt2'],
  ['GemmaTokenizer', 'gemma'],
  ['LayoutLMTokenizer', 'bert'],
  ['LongformerTokenizer', 'roberta'],
  ['LxmertTokenizer', 'bert'],
  ['MPNetTokenizer', 'mpnet'],
  ['MobileBertTokenizer', 'bert'],
  ['Qwen2Tokenizer', 'qwen2'],
  ['RobertaTokenizer', 'roberta'],
  ['SqueezeBertTokenizer', 'bert'],
  ['T5Tokenizer', 't5'],
  ['XLMRobertaTokenizer', 'xlm-roberta'],
])

/** By `model_type`, for folders that name no class. */
const BY_MODEL_TYPE: ReadonlyMap<string, TokenizerClass> = new Map([
  ['albert', 'albert'],
  ['bert', 'bert'],
  ['camembert', 'camembert'],
  ['convbert', 'bert'],
  ['distilbert', 'bert'],
  ['electra', 'bert'],
  ['ernie', 'bert'],
  ['gemma3_text', 'gemma'],
  ['gte', 'xlm-roberta'],
  ['longformer', 'roberta'],
  ['mobilebert', 'bert'],
  ['mpnet', 'mpnet'],
  ['mt5', 't5'],
  ['nomic_bert', 'bert'],
  ['qwen2', 'qwen2'],
  ['qwen3', 'qwen2'],
  ['roberta', 'roberta'],
  ['squeezebert', 'bert'],
  ['t5', 't5'],
  ['xlm-roberta', 'xlm-roberta'],
])

/** Families whose folders often name a wrong class: what they name is not read. */
const NAMED_WRONG: ReadonlySet<string> = new Set(['modernbert', 'modernbert-decoder', 'qwen2'])

/**
 * Finds the class that Python loads a tokenizer with.
 *
 * @param modelType - `model_type` of config.json.
 * @param declared - `tokenizer_class` of tokenizer_config.json, else of config.json; `undefined` where neither has one.
 * @returns The class; `undefined` where tokenizer.json is taken as it is.
 * @see `transformers.models.auto.tokenization_auto.AutoTokenizer.from_pretrained`
 */
export function tokenizerClassOf(modelType: unknown, declared: unknown): TokenizerClass | undefined {
  const isNamed = typeof declared === 'string' && declared !== ''
  if (isNamed && !NAMED_WRONG.has(String(modelType))) return BY_NAME.get(declared.replace(/Fast$/, ''))
  return BY_MODEL_TYPE.get(String(modelType))
}
