class Ids {
  private final Context context;

  Ids(Context context) {
    this.context = context;
  }

  String firebaseId() throws ReflectiveOperationException {
    Class<?> kind = Class.forName("com.google.firebase.InstanceId");
    Method method = kind.getDeclaredMethod("getInstance");
    Object found = method.invoke(null);
    Method reader = found.getClass().getMethod("getId");
    return (String) reader.invoke(found);
  }

  String gmsId() throws ReflectiveOperationException {
    return null;
  }
}
