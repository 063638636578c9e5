/** Chooses the language of the page; each is named in itself. */
import { useLanguage } from '../strings/language.tsx';
import { isLanguage, LANGUAGES } from '../strings/languages.ts';
import { strings } from '../strings/strings.ts';
import styles from './screen.module.css';

interface LanguageSelectProps {
  /** Beside other things, where the languages themselves say what it is. */
  readonly compact?: boolean;
}

export function LanguageSelect({ compact = false }: LanguageSelectProps) {
  const { language, choose } = useLanguage();
  return (
    <label className={compact ? undefined : styles.label}>
      <span className={compact ? 'visually-hidden' : undefined}>{strings.settings.language}</span>
      <select
        className={compact ? styles.language : styles.input}
        value={language}
        onChange={({ target: { value } }) => {
          if (isLanguage(value)) choose(value);
        }}
      >
        {Object.entries(LANGUAGES).map(([code, { name }]) => (
          <option key={code} value={code} lang={code}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
