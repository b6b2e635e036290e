; Compiled by packaging/build.py: iscc /DVersion=0.1.0 packaging\windows\installer.iss
; For a room of machines, without questions, for all users:  setup.exe /VERYSILENT /ALLUSERS /NORESTART
; Without rights of an administrator, for one user:          setup.exe /VERYSILENT /CURRENTUSER
#ifndef Version
  #error Give the version: /DVersion=X.Y.Z
#endif
#define Name "feature-map-explorer"
#define Title "Feature Map Explorer"

[Setup]
AppId={{6F2B1C64-3E0B-4A57-9C53-8B1B7C6E5D0A}
AppName={#Title}
AppVersion={#Version}
AppPublisher={#Title} developers
DefaultDirName={autopf}\{#Title}
DisableProgramGroupPage=yes
DisableDirPage=auto
LicenseFile=..\..\LICENSE
; For the person alone unless an administrator asks for everybody.
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=commandline dialog
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
Compression=lzma2/max
SolidCompression=yes
LZMANumBlockThreads=2
WizardStyle=modern
SetupIconFile=..\..\build\icons\{#Name}.ico
UninstallDisplayIcon={app}\{#Name}-window.exe
UninstallDisplayName={#Title}
ChangesAssociations=yes
CloseApplications=yes
; Signing: add SignTool=NAME here and /SNAME=... to the compiler's command line. Unsigned, SmartScreen warns.

[Languages]
Name: "en"; MessagesFile: "compiler:Default.isl"
Name: "de"; MessagesFile: "compiler:Languages\German.isl"

[Tasks]
Name: "desktopicon"; Description: "{cm:CreateDesktopIcon}"; Flags: unchecked
Name: "associate"; Description: "Open session files (.fmx.json, .fmx), lessons (.fmxlab) and weights (.safetensors, .pth) from the file manager"

; What an older version had and this one has not must not stay: libraries of two versions do not mix.
[InstallDelete]
Type: filesandordirs; Name: "{app}\_internal"

[Files]
Source: "..\..\build\dist\{#Name}\*"; DestDir: "{app}"; Flags: recursesubdirs createallsubdirs ignoreversion

[Icons]
Name: "{autoprograms}\{#Title}"; Filename: "{app}\{#Name}-window.exe"
Name: "{autodesktop}\{#Title}"; Filename: "{app}\{#Name}-window.exe"; Tasks: desktopicon

[Registry]
; Windows looks at the last suffix alone, so a session (.fmx.json) is offered under "Open with" of .json.
Root: HKA; Subkey: "Software\Classes\{#Name}.file"; ValueType: string; ValueData: "{#Title}"; Flags: uninsdeletekey; Tasks: associate
Root: HKA; Subkey: "Software\Classes\{#Name}.file\DefaultIcon"; ValueType: string; ValueData: "{app}\{#Name}-window.exe,0"; Tasks: associate
Root: HKA; Subkey: "Software\Classes\{#Name}.file\shell\open\command"; ValueType: string; ValueData: """{app}\{#Name}-window.exe"" ""%1"""; Tasks: associate
Root: HKA; Subkey: "Software\Classes\.safetensors\OpenWithProgids"; ValueType: string; ValueName: "{#Name}.file"; ValueData: ""; Flags: uninsdeletevalue; Tasks: associate
Root: HKA; Subkey: "Software\Classes\.pth\OpenWithProgids"; ValueType: string; ValueName: "{#Name}.file"; ValueData: ""; Flags: uninsdeletevalue; Tasks: associate
Root: HKA; Subkey: "Software\Classes\.fmxlab\OpenWithProgids"; ValueType: string; ValueName: "{#Name}.file"; ValueData: ""; Flags: uninsdeletevalue; Tasks: associate
Root: HKA; Subkey: "Software\Classes\.fmx\OpenWithProgids"; ValueType: string; ValueName: "{#Name}.file"; ValueData: ""; Flags: uninsdeletevalue; Tasks: associate
Root: HKA; Subkey: "Software\Classes\.json\OpenWithProgids"; ValueType: string; ValueName: "{#Name}.file"; ValueData: ""; Flags: uninsdeletevalue; Tasks: associate

[Run]
Filename: "{app}\{#Name}-window.exe"; Description: "{cm:LaunchProgram,{#Title}}"; Flags: nowait postinstall skipifsilent
