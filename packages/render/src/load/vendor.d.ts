// What we use of packages that ship no types, or whose types need the DOM library.

declare module 'draco3dgltf' {
  export interface DracoStatus {
    ok(): boolean;
    error_msg(): string;
  }
  export interface DracoAttribute {
    num_components(): number;
  }
  export interface DracoMesh {
    readonly ptr: number;
    num_points(): number;
    num_faces(): number;
  }
  export interface DracoDecoder {
    GetEncodedGeometryType(buffer: object): number;
    DecodeBufferToMesh(buffer: object, mesh: DracoMesh): DracoStatus;
    GetAttributeByUniqueId(mesh: DracoMesh, id: number): DracoAttribute & { readonly ptr: number };
    GetAttributeDataArrayForAllPoints(
      mesh: DracoMesh,
      attribute: DracoAttribute,
      dataType: number,
      bytes: number,
      pointer: number,
    ): boolean;
    GetTrianglesUInt32Array(mesh: DracoMesh, bytes: number, pointer: number): boolean;
  }
  export interface DracoModule {
    readonly TRIANGULAR_MESH: number;
    readonly DT_INT8: number;
    readonly DT_UINT8: number;
    readonly DT_INT16: number;
    readonly DT_UINT16: number;
    readonly DT_UINT32: number;
    readonly DT_FLOAT32: number;
    readonly HEAPU8: Uint8Array;
    readonly Decoder: new () => DracoDecoder;
    readonly DecoderBuffer: new () => { Init(bytes: Int8Array, length: number): void };
    readonly Mesh: new () => DracoMesh;
    destroy(object: object): void;
    _malloc(bytes: number): number;
    _free(pointer: number): void;
  }
  const draco3d: { createDecoderModule(): Promise<DracoModule> };
  export default draco3d;
}
