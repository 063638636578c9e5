/** Ends the call for oneself: in the toolbar, and in the small window. */
import { LeaveIcon } from '../icons/icons.tsx';
import { strings } from '../strings/strings.ts';
import { ControlButton } from './control-button.tsx';

export function LeaveButton({ onClick }: { readonly onClick: () => void }) {
  const texts = strings.toolbar;
  return (
    <ControlButton label={texts.leave} hint={texts.leaveCall} danger onClick={onClick}>
      <LeaveIcon />
    </ControlButton>
  );
}
