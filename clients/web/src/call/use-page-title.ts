/** The name of the browser's tab: the room, and how much news waits there for who looks at another tab. */
import { useEffect } from 'react';
import { strings } from '../strings/strings.ts';

export function usePageTitle(room: string, news: number): void {
  useEffect(() => {
    document.title = news === 0 ? strings.pageTitle(room) : strings.pageTitleWithNews(news, room);
    return () => {
      document.title = strings.pageTitle(room);
    };
  }, [room, news]);
}
