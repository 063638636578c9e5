/** Draws the page in the language of whoever looks at it, and again when they choose another. */
import { createContext, type ReactNode, useContext, useState } from 'react';
import { browserStorage, loadSettings, saveSettings } from '../config/local-settings.ts';
import { LANGUAGES, type Language, languageFor } from './languages.ts';
import { speak } from './strings.ts';

interface LanguageControl {
  readonly language: Language;
  readonly choose: (language: Language) => void;
}

const LanguageContext = createContext<LanguageControl>({ language: 'en', choose: () => {} });

export function useLanguage(): LanguageControl {
  return useContext(LanguageContext);
}

/** Must be called before anything is drawn. */
export function speakFirst(): Language {
  const language = languageFor(loadSettings(browserStorage()).language, navigator.languages);
  apply(language);
  return language;
}

function apply(language: Language): void {
  speak(LANGUAGES[language].texts);
  document.documentElement.lang = language;
}

interface SpeakingProps {
  readonly first: Language;
  /** Draws the page anew each time it is called. */
  readonly children: () => ReactNode;
}

export function Speaking({ first, children }: SpeakingProps) {
  const [language, setLanguage] = useState(first);
  const choose = (next: Language) => {
    saveSettings(browserStorage(), { language: next });
    apply(next);
    setLanguage(next);
  };
  return <LanguageContext value={{ language, choose }}>{children()}</LanguageContext>;
}
